import { fileURLToPath } from 'node:url';

/** The file that starts this command line, to start it once more; the same from a room of the build and from its chunks. */
export const ownBin: string = fileURLToPath(new URL('../cli/bin.js', import.meta.url));
