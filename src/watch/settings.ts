import type { AlertRules } from './alerts/find-episodes.ts';
import type { Exporter } from './exporters/exporter.ts';
import type { Notifier } from './notifiers/notifier.ts';

/** How a few questions are labelled where a task is to be measured again. */
export type LabelSettings = {
  /** Over all tasks that need it, at least two a task. */
  readonly questions: number;
  readonly samples: number;
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number;
};

export type WatchSettings = {
  /** The folder in which checkpoints appear. */
  readonly dir: string;
  /** Names of fitted probes. */
  readonly probes: readonly string[];
  /** Null: all that a probe knows. */
  readonly tasks: readonly string[] | null;
  /** Models whose outcomes say what is to be expected at each checkpoint's compute; empty: none. */
  readonly ladder: readonly string[];
  /** Null: nothing is labelled. */
  readonly label: LabelSettings | null;
  /** Milliseconds without a change until a checkpoint counts as written. */
  readonly quietMs: number;
  readonly alerts: AlertRules & {
    /**
     * Milliseconds without a new checkpoint; null: three times what the run takes for one, once it is watched for longer
     * than that.
     */
    readonly stalledAfterMs: number | null;
  };
  readonly notifiers: readonly Notifier[];
  readonly exporters: readonly Exporter[];
};
