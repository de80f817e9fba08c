// Scores one lead, and prints the score with its largest reason.
import { promisify } from "node:util";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

const address = process.argv[2] ?? "127.0.0.1:50051";
// The folder `proto` of the repository.
const protos = process.argv[3] ?? "proto";

const definition = loader.loadSync("sweetspot/v1/scoring_service.proto", {
  includeDirs: [protos],
  enums: String,
  longs: Number,
  defaults: true,
});
const { sweetspot } = grpc.loadPackageDefinition(definition);
const client = new sweetspot.v1.ScoringService(address, grpc.credentials.createInsecure());

const response = await promisify(client.scoreAccounts.bind(client))({
  config: { view: "SCORE_VIEW_TOP_REASONS", reasonCount: 1 },
  rows: {
    rows: [
      {
        accountId: "acme",
        attributes: {
          industry: { text: "Logistics" },
          employees: { number: 320 },
          technologies: { texts: { values: ["SAP", "Slack"] } },
        },
      },
    ],
  },
});
client.close();

const [score] = response.scores;
const [reason] = score.reasons;
const tier = score.tier.replace("FIT_TIER_", "");
console.log(`${score.accountId}: score ${score.score}, tier ${tier}, because of ${reason.attribute} = ${reason.valueLabel}`);
