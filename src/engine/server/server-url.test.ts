import { expect, test } from 'vitest';
import { parseServerUrl } from './server-url.ts';

test.each([
  ['http://localhost:8000', 'http://localhost:8000/v1'],
  ['http://localhost:8000/', 'http://localhost:8000/v1'],
  ['http://localhost:8000/v1/', 'http://localhost:8000/v1'],
  ['https://gpu.example/models/a/v1', 'https://gpu.example/models/a/v1'],
  ['HTTP://Localhost:80/v1', 'http://localhost/v1'],
])('%s is %s', (text, url) => {
  expect(parseServerUrl(text)).toBe(url);
});

test.each(['localhost:8000', 'ftp://host/v1', '', 'http://'])('%s is refused', (text) => {
  expect(() => parseServerUrl(text)).toThrow(
    `--server: expected an HTTP address such as http://localhost:8000/v1, got \`${text}\``,
  );
});

test.each([
  'http://me:sk-1@host/v1',
  'http://sk-1@host',
  'http://host/v1?key=sk-1',
  'http://host/#sk-1',
])('a key in %s is refused and not repeated', (text) => {
  expect(() => parseServerUrl(text)).toThrow(
    /^--server: expected an address without user, password, query and fragment, got one of host that has them; a key is read from OPENAI_API_KEY$/,
  );
});
