import com.sweetspot.v1.Account;
import com.sweetspot.v1.AccountRows;
import com.sweetspot.v1.AttributeValue;
import com.sweetspot.v1.ScoreAccountsRequest;
import com.sweetspot.v1.ScoreConfig;
import com.sweetspot.v1.ScoreView;
import com.sweetspot.v1.ScoringServiceGrpc;
import com.sweetspot.v1.TextList;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Scores one lead, and prints the score with its largest reason. */
public final class ScoreLead {
    public static void main(String[] arguments) throws InterruptedException {
        String address = arguments.length > 0 ? arguments[0] : "127.0.0.1:50051";
        // Without encryption, for a server on this machine.
        ManagedChannel channel = ManagedChannelBuilder.forTarget(address).usePlaintext().build();
        try {
            TextList technologies = TextList.newBuilder().addAllValues(List.of("SAP", "Slack")).build();
            Account lead = Account.newBuilder()
                    .setAccountId("acme")
                    .putAttributes("industry", AttributeValue.newBuilder().setText("Logistics").build())
                    .putAttributes("employees", AttributeValue.newBuilder().setNumber(320).build())
                    .putAttributes("technologies", AttributeValue.newBuilder().setTexts(technologies).build())
                    .build();
            ScoreAccountsRequest request = ScoreAccountsRequest.newBuilder()
                    .setConfig(ScoreConfig.newBuilder()
                            .setView(ScoreView.SCORE_VIEW_TOP_REASONS)
                            .setReasonCount(1))
                    .setRows(AccountRows.newBuilder().addRows(lead))
                    .build();
            var score = ScoringServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(10, TimeUnit.SECONDS)
                    .scoreAccounts(request)
                    .getScores(0);
            var reason = score.getReasons(0);
            System.out.printf(
                    "%s: score %d, tier %s, because of %s = %s%n",
                    score.getAccountId(),
                    score.getScore(),
                    score.getTier().name().replace("FIT_TIER_", ""),
                    reason.getAttribute(),
                    reason.getValueLabel());
        } finally {
            channel.shutdown().awaitTermination(5, TimeUnit.SECONDS);
        }
    }
}
