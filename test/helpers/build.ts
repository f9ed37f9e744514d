import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** End-to-end tests run what is built: built from what stands in src/ now. */
export default function build(): void {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const built = spawnSync(process.execPath, ['scripts/built-from.mjs', '--check'], { cwd: root });
  if (built.status === 0) return;
  // Vitest's own NODE_ENV would make the dashboard a development build.
  const env = { ...process.env, NODE_ENV: 'production' };
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit', env });
}
