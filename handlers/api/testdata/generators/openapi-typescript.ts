// Downloads the queue as CSV with the types that openapi-typescript made.
import createClient from "openapi-fetch";
import type { paths } from "./schema";

declare const process: { env: Record<string, string>; stdout: { write(s: string): void } };

const client = createClient<paths>({ baseUrl: process.env.PORTAL + "/api/v1", headers: { authorization: "Bearer " + process.env.TOKEN } });
client.GET("/requests.csv", { params: {}, parseAs: "text" }).then(({ data, error }) => {
  if (error) throw new Error(error.title);
  process.stdout.write(data ?? "");
});
