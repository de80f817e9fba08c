// Scores one lead, and prints the score with its largest reason.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"google.golang.org/grpc"

	pb "example.com/lead/sweetspot/v1"
)

func text(value string) *pb.AttributeValue {
	return &pb.AttributeValue{Kind: &pb.AttributeValue_Text{Text: value}}
}

func main() {
	address := "127.0.0.1:50051"
	if len(os.Args) > 1 {
		address = os.Args[1]
	}
	// Without encryption, for a server on this machine.
	connection, err := grpc.Dial(address, grpc.WithInsecure())
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()

	lead := &pb.Account{
		AccountId: "acme",
		Attributes: map[string]*pb.AttributeValue{
			"industry":  text("Logistics"),
			"employees": {Kind: &pb.AttributeValue_Number{Number: 320}},
			"technologies": {Kind: &pb.AttributeValue_Texts{
				Texts: &pb.TextList{Values: []string{"SAP", "Slack"}},
			}},
		},
	}
	response, err := pb.NewScoringServiceClient(connection).ScoreAccounts(ctx, &pb.ScoreAccountsRequest{
		Config:   &pb.ScoreConfig{View: pb.ScoreView_SCORE_VIEW_TOP_REASONS, ReasonCount: 1},
		Accounts: &pb.ScoreAccountsRequest_Rows{Rows: &pb.AccountRows{Rows: []*pb.Account{lead}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	score := response.Scores[0]
	reason := score.Reasons[0]
	tier := strings.TrimPrefix(score.Tier.String(), "FIT_TIER_")
	fmt.Printf("%s: score %d, tier %s, because of %s = %s\n", score.AccountId, score.Score, tier, reason.Attribute, reason.ValueLabel)
}
