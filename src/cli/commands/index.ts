import type { CommandDefinition } from '../command.ts';
import { alertsCommand } from './alerts.ts';
import { backtestCommand } from './backtest.ts';
import { compareCommand } from './compare.ts';
import { demoCommand } from './demo.ts';
import { evaluateCommand } from './evaluate.ts';
import { exportCommand } from './export.ts';
import { extractCommand } from './extract.ts';
import { fitCommand } from './fit.ts';
import { forecastCommand } from './forecast.ts';
import { forecastsCommand } from './forecasts.ts';
import { importCommand } from './import.ts';
import { inspectCommand } from './inspect.ts';
import { labelCommand } from './label.ts';
import { predictCommand } from './predict.ts';
import { probeCommand } from './probe.ts';
import { reportCommand } from './report.ts';
import { serveCommand } from './serve.ts';
import { showCommand } from './show.ts';
import { statusCommand } from './status.ts';
import { transferCommand } from './transfer.ts';
import { watchCommand } from './watch.ts';
import { workerCommand } from './worker.ts';

/** Every verb, in the order of the work. */
export const commands: readonly CommandDefinition[] = [
  demoCommand,
  inspectCommand,
  importCommand,
  labelCommand,
  extractCommand,
  fitCommand,
  predictCommand,
  evaluateCommand,
  transferCommand,
  forecastCommand,
  forecastsCommand,
  backtestCommand,
  compareCommand,
  statusCommand,
  showCommand,
  serveCommand,
  reportCommand,
  exportCommand,
  probeCommand,
  watchCommand,
  workerCommand,
  alertsCommand,
];
