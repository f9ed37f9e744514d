import { UserError } from '../../error/index.ts';

/**
 * The base of a server's addresses without a slash at its end, as OpenAI clients take it (`http://localhost:8000/v1`);
 * without a path, `/v1` is meant.
 *
 * @throws UserError for what is no HTTP address, and for one with a password or a query: keys stand in the environment.
 */
export function parseServerUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UserError(
      `--server: expected an HTTP address such as http://localhost:8000/v1, got \`${text}\``,
    );
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    // What stands there may be a key: it is not repeated.
    throw new UserError(
      `--server: expected an address without user, password, query and fragment, got one of ${url.host} that has them; a key is read from OPENAI_API_KEY`,
    );
  }
  const path = url.pathname.replace(/\/+$/, '');
  return `${url.origin}${path === '' ? '/v1' : path}`;
}
