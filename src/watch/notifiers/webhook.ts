import pRetry, { AbortError } from 'p-retry';
import type { AlertRecord } from '../../store/index.ts';
import type { AlertKind } from '../../wire/index.ts';
import { type Notifier, NotReached } from './notifier.ts';

export type WebhookOptions = {
  readonly name: string;
  readonly url: URL;
  /** `json`: the alert as the store keeps it; `slack`: the body that Slack's incoming webhooks take. */
  readonly form: 'json' | 'slack';
  /** Null: all. */
  readonly kinds: readonly AlertKind[] | null;
  /** Of one attempt. */
  readonly timeoutMs: number;
};

const retries = 2;

/**
 * Posts alerts to a URL: again where the other end could not be reached, was too busy (429) or failed (5xx), not where it
 * refused. Messages of errors never hold the URL, which is a secret.
 */
export function webhookNotifier({ name, url, form, kinds, timeoutMs }: WebhookOptions): Notifier {
  return {
    name,
    wants: ({ kind }) => kinds?.includes(kind) ?? true,
    tell: (alert, signal) => {
      const body = JSON.stringify(form === 'slack' ? slackMessage(alert) : jsonMessage(alert));
      return pRetry(() => post(url, { body, signal, timeoutMs }), {
        ...{ retries, minTimeout: 200, maxTimeout: 2000, signal },
      });
    },
  };
}

async function post(
  url: URL,
  { body, signal, timeoutMs }: { body: string; signal: AbortSignal; timeoutMs: number },
): Promise<void> {
  const { fetch } = await import('undici');
  const response = await fetch(url, {
    ...{ method: 'POST', body, redirect: 'error' },
    headers: { 'content-type': 'application/json' },
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  }).catch((error: unknown) => {
    // undici's own messages are general; the URL stands in none of its codes.
    const code = error instanceof Error && error.cause instanceof Error ? codeOf(error.cause) : '';
    throw new NotReached(`not reached${code}`);
  });
  await response.body?.cancel();
  if (response.ok) return;
  const refusal = new Error(`answered ${response.status}`);
  throw response.status === 429 || response.status >= 500 ? refusal : new AbortError(refusal);
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
}

function jsonMessage(alert: AlertRecord): Record<string, unknown> {
  return { event: 'alert', alert };
}

/** Slack takes `&`, `<` and `>` for its own marks: names of tasks and folders must not become links. */
function slackMessage({ kind, run, message }: AlertRecord): { text: string } {
  const escaped = `${run ?? 'sonde'}: ${message}`
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
  return { text: `*${kind}* ${escaped}` };
}
