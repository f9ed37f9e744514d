/** A proxy such as stands before services: it answers 502 while what is behind it is away. */
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export type ServedProxy = AsyncDisposable & {
  readonly port: number;
  /** While it is true, every request is refused. */
  isDown: boolean;
  /** Requests that were refused. */
  refused: number;
  /** Ends all connections that are open. */
  cut(): void;
};

export async function serveProxy(url: string): Promise<ServedProxy> {
  const target = new URL(url);
  const server = createServer((incoming, answer) => {
    if (proxy.isDown) {
      proxy.refused += 1;
      answer.writeHead(502, { 'Content-Type': 'text/html' }).end('Bad Gateway');
      return;
    }
    const { method, headers } = incoming;
    const sent = request(
      { ...{ host: target.hostname, port: target.port, path: incoming.url, method }, headers },
      (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.on('error', () => answer.destroy()).pipe(answer);
      },
    );
    sent.on('error', () => answer.destroy());
    answer.on('close', () => sent.destroy());
    incoming.pipe(sent);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, target.hostname, resolve);
  });
  const proxy: ServedProxy = {
    port: (server.address() as AddressInfo).port,
    ...{ isDown: false, refused: 0 },
    cut: () => server.closeAllConnections(),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
