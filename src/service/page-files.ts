/** The dashboard's files, read once at the start: no path of a request ever reaches the file system. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

export type PageFile = {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Null where compressing gains nothing. */
  readonly gzip: Uint8Array<ArrayBuffer> | null;
  readonly type: string;
  readonly etag: string;
  /** Named by its content: it may be kept for ever. */
  readonly immutable: boolean;
};

/** By the path of the URL. */
export type PageFiles = ReadonlyMap<string, PageFile>;

/** Where the build puts them. */
export const builtPages: string = fileURLToPath(new URL('../../dist/web/', import.meta.url));

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
};

/** `index.html` is `/`; files of other types than those of a page are left out. Empty where the folder is missing. */
export async function readPageFiles(folder: string): Promise<PageFiles> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = new Map<string, PageFile>();
  for (const entry of entries) {
    const type = types[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length).replaceAll('\\', '/').replace(/^\/*/, '/');
    files.set(
      name === '/index.html' ? '/' : name,
      describe(new Uint8Array(await readFile(path)), name, type),
    );
  }
  return files;
}

function describe(bytes: Uint8Array<ArrayBuffer>, name: string, type: string): PageFile {
  const gzip = new Uint8Array(gzipSync(bytes));
  return {
    ...{ bytes, type },
    gzip: gzip.length < bytes.length ? gzip : null,
    etag: `W/"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"`,
    immutable: name.startsWith('/assets/'),
  };
}
