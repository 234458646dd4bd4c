// Downloads the queue as CSV with a client that orval made.
import { exportRequests } from "./generated";

declare const process: { env: Record<string, string>; stdout: { write(s: string): void } };

exportRequests({}, { baseURL: process.env.PORTAL + "/api/v1", headers: { authorization: "Bearer " + process.env.TOKEN }, responseType: "text" }).then(({ data }) => {
  process.stdout.write(String(data));
});
