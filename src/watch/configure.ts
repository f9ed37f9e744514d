/** What to watch for: the command line goes before sonde.yaml. */
import { resolve } from 'node:path';
import type { WatchSection } from '../config/index.ts';
import { UserError } from '../error/index.ts';
import { type ExportPaths, openExporters } from './exporters/open-exporters.ts';
import { printNotifier } from './notifiers/print.ts';
import { webhookNotifier } from './notifiers/webhook.ts';
import type { Notifier } from './notifiers/notifier.ts';
import type { LabelSettings, WatchSettings } from './settings.ts';

/** What the command line said; null where it said nothing. */
export type GivenWatch = {
  /** Absolute. */
  readonly dir: string;
  readonly probes: readonly string[] | null;
  readonly tasks: readonly string[] | null;
  readonly ladder: readonly string[] | null;
  readonly labelQuestions: number | null;
  /** Seconds. */
  readonly quietPeriod: number | null;
  readonly exports: ExportPaths;
};

export type ConfigureContext = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly note: (text: string) => void;
  /** The folder of sonde.yaml, from which its paths are taken. */
  readonly sectionDir: string;
};

/** Long enough for a copy that sets a file's size first and fills it later to move a modification time. */
const usualQuietSeconds = 30;

const usualSampling = { samples: 20, temperature: 1, topP: 0.7, seed: 1 } as const;

const webhookTimeoutMs = 10_000;

/** @throws UserError where no probe is named, and for a webhook whose variable holds no URL. */
export function configureWatch(
  given: GivenWatch,
  section: WatchSection,
  context: ConfigureContext,
): WatchSettings {
  const probes = given.probes ?? section.probes;
  if (probes === undefined) {
    throw new UserError(
      '--probe: expected a fitted probe, got none; name one (sonde fit --name N makes it), or state `watch: { probes: [N] }` in sonde.yaml',
    );
  }
  const {
    least_drop: leastDrop = 0,
    stalled_after: stalledAfter,
    ignore = [],
  } = section.alerts ?? {};
  const quiet = given.quietPeriod ?? section.quiet_period ?? usualQuietSeconds;
  return {
    ...{ dir: given.dir, probes, tasks: given.tasks ?? section.tasks ?? null },
    ladder: given.ladder ?? section.ladder ?? [],
    label: labelSettings(given.labelQuestions, section.label),
    quietMs: 1000 * quiet,
    alerts: {
      ...{ leastDrop, ignore },
      stalledAfterMs: stalledAfter === undefined ? null : 1000 * stalledAfter,
    },
    notifiers: [printNotifier(context.note), ...webhooks(section.notify ?? [], context)],
    exporters: openExporters(exportPaths(given.exports, section.export, context)),
  };
}

function exportPaths(
  given: ExportPaths,
  section: WatchSection['export'],
  { sectionDir }: ConfigureContext,
): ExportPaths {
  const pathOf = (name: keyof ExportPaths): string | null => {
    const stated = section?.[name];
    return given[name] ?? (stated === undefined ? null : resolve(sectionDir, stated));
  };
  return {
    tensorboard: pathOf('tensorboard'),
    prometheus: pathOf('prometheus'),
    jsonl: pathOf('jsonl'),
  };
}

function labelSettings(
  questions: number | null,
  section: WatchSection['label'],
): LabelSettings | null {
  if (questions === null && section === undefined) return null;
  const { samples, temperature, top_p: topP, seed } = section ?? {};
  return {
    questions: questions ?? section?.questions ?? 0,
    samples: samples ?? usualSampling.samples,
    temperature: temperature ?? usualSampling.temperature,
    topP: topP ?? usualSampling.topP,
    seed: seed ?? usualSampling.seed,
  };
}

function webhooks(
  section: NonNullable<WatchSection['notify']>,
  { env }: ConfigureContext,
): Notifier[] {
  return section.map(({ name, url_env: variable, form = 'json', kinds = null }) => {
    const text = env[variable] ?? '';
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
      const found = text === '' ? 'it is not set' : 'it holds something else';
      throw new UserError(
        `watch → notify → ${name}: expected an http(s) URL in the environment variable ${variable}, ${found}`,
      );
    }
    return webhookNotifier({ name, url, form, kinds, timeoutMs: webhookTimeoutMs });
  });
}
