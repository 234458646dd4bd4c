// A data subject files, an officer decides, and the data subject downloads:
// with the client that was generated from the portal's own document. What the
// compiler accepts here, the document says; what runs, the portal does.
import { createClient, type Client } from './generated/client';
import * as portal from './generated/sdk.gen';

declare const process: { env: Record<string, string | undefined>; exitCode?: number };

const base = process.env.PORTAL + '/api/v1';

// outside is what reaches people past the portal: letters and authenticators.
const outside = async (what: string): Promise<string> => (await fetch(process.env.OUTSIDE + '/' + what)).text();

// somebody calls with cookies of their own.
function somebody(): Client {
	const jar = new Map<string, string>();
	return createClient({
		baseUrl: base,
		fetch: async (input: RequestInfo | URL, init?: RequestInit) => {
			const request = new Request(input, init);
			request.headers.set('Cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
			const response = await fetch(request);
			for (const line of response.headers.getSetCookie()) {
				const [pair = ''] = line.split(';');
				const at = pair.indexOf('=');
				jar.set(pair.slice(0, at), pair.slice(at + 1));
			}
			return response;
		},
	});
}

async function signIn(client: Client, who: string): Promise<void> {
	const [email = '', password = ''] = (await outside('who/' + who)).split(' ');
	await portal.signIn({ client, body: { email, password }, throwOnError: true });
	const { data } = await portal.proveTotp({ client, body: { code: await outside('totp/' + who) }, throwOnError: true });
	if (data.level !== 'full') throw new Error(who + ' is signed in ' + data.level);
}

async function file(subject: Client): Promise<string> {
	await portal.startFiling({ client: subject, body: { organisation: 'korenaar', language: 'nl' }, throwOnError: true });
	const filled = await portal.fillFiling({
		client: subject,
		body: { person: { name: 'Fatima el Amrani', email: 'fatima@example.org' }, items: [{ right: 'access', what: 'Alles over mijn bestellingen.' }] },
		throwOnError: true,
	});
	if (filled.data.errors.length > 0) throw new Error('the form lacks ' + filled.data.errors.map((e) => e.name).join());
	await portal.sendFiling({ client: subject, throwOnError: true });
	const { data } = await portal.confirmFiling({ client: subject, body: { code: await outside('letter') }, throwOnError: true });
	return data.id;
}

async function decide(officer: Client, id: string): Promise<void> {
	const queue = await portal.listRequests({ client: officer, query: { tab: 'open', right: 'access' }, throwOnError: true });
	if (queue.data.requests.map((r) => r.id).join() !== id) throw new Error('the queue does not hold the one request');
	const read = await portal.readRequest({ client: officer, path: { id }, throwOnError: true });
	await portal.takeUpRequest({ client: officer, path: { id }, body: { rev: read.data.request.rev }, throwOnError: true });
	await portal.addAnswerFile({
		client: officer,
		path: { id },
		query: { for: 'access' },
		headers: { 'Content-Disposition': "attachment; filename*=UTF-8''klant.csv", 'Idempotency-Key': 'klant' },
		body: new Blob(['naam,bedrag\nFatima,12\n']),
		throwOnError: true,
	});
	const hasty = await portal.decideRight({ client: officer, path: { id }, body: { right: 'access', outcome: 'refused' } });
	if (hasty.error?.kind !== 'invalid' || !hasty.error.errors?.length) throw new Error('a refusal without its ground is no typed problem');
	const grounds = await portal.listGrounds({ client: officer, throwOnError: true });
	const information = Object.fromEntries(grounds.data.information.map((i) => [i.id, 'Zie de bijlage.']));
	await portal.decideRight({ client: officer, path: { id }, body: { right: 'access', outcome: 'granted', information }, throwOnError: true });
	const released = await portal.releaseAnswer({ client: officer, path: { id }, body: {}, throwOnError: true });
	if (released.data.state !== 'delivered') throw new Error('after the release it is ' + released.data.state);
}

async function download(subject: Client, id: string): Promise<string> {
	const mine = await portal.readMyRequest({ client: subject, path: { id }, throwOnError: true });
	const [answer] = mine.data.content?.files ?? [];
	if (!answer) throw new Error('the answer has no file');
	const got = await portal.downloadMyFile({ client: subject, path: { id, file: answer.id }, parseAs: 'text', throwOnError: true });
	return String(got.data);
}

async function way(): Promise<void> {
	const subject = somebody();
	const officer = somebody();
	const id = await file(subject);
	await signIn(officer, 'officer');
	await decide(officer, id);
	await signIn(subject, 'subject');
	console.log(JSON.stringify({ id, file: await download(subject, id) }));
}

way().catch((wrong: unknown) => {
	console.error(wrong instanceof Error ? wrong.message : JSON.stringify(wrong));
	process.exitCode = 1;
});
