import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** End-to-end tests run what is built: built from what stands in src/ now. */
export default function build(): void {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  // Vitest's own NODE_ENV would make the dashboard a development build.
  const env = { ...process.env, NODE_ENV: 'production' };
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit', env });
}
