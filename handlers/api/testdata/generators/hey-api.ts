// Downloads the queue as CSV with a client that hey-api made.
import { client } from "./generated/client.gen";
import { exportRequests } from "./generated/sdk.gen";

declare const process: { env: Record<string, string>; stdout: { write(s: string): void } };

client.setConfig({ baseUrl: process.env.PORTAL + "/api/v1", auth: (of) => (of.scheme === "bearer" ? process.env.TOKEN : undefined) });
exportRequests({ throwOnError: true }).then(async ({ data }) => {
  process.stdout.write(typeof data === "string" ? data : await data.text());
});
