import type { ForecastReport } from '../../jobs/index.ts';
import type { ForecastPanel } from '../../report/index.ts';

/** A forecast's benchmarks as they are drawn. */
export function forecastPanels(report: ForecastReport): ForecastPanel[] {
  const { suite, target, benchmarks, drawn } = report;
  return benchmarks.map((benchmark, index) => {
    const { task, chance, ladder, curve, measured, methods, chosen: method } = benchmark;
    const chosen = methods.find((one) => one.method === 'chosen');
    return {
      ...{ suite, task, chance, ladder, target, measured },
      curve: drawn[index] ?? curve ?? [],
      forecast: {
        accuracy: chosen?.accuracy ?? null,
        low: chosen?.low ?? null,
        high: chosen?.high ?? null,
        verdict: chosen?.verdict ?? 'not-predictable',
        method,
      },
    };
  });
}
