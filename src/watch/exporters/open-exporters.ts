import type { Exporter } from './exporter.ts';
import { jsonlExporter } from './jsonl.ts';
import { prometheusExporter } from './prometheus.ts';
import { tensorboardExporter } from './tensorboard.ts';

/** Absolute paths; null: not written. */
export type ExportPaths = {
  readonly tensorboard: string | null;
  readonly prometheus: string | null;
  readonly jsonl: string | null;
};

export function openExporters({ tensorboard, prometheus, jsonl }: ExportPaths): Exporter[] {
  return [
    ...(tensorboard === null ? [] : [tensorboardExporter(tensorboard)]),
    ...(prometheus === null ? [] : [prometheusExporter(prometheus)]),
    ...(jsonl === null ? [] : [jsonlExporter(jsonl)]),
  ];
}
