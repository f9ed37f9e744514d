import type { Forecaster } from '../forecaster.ts';
import type { Ladder } from '../ladder.ts';
import type { CurveFit } from '../laws/index.ts';
import { clip, type Observations, observe, perturb } from '../observations.ts';

/** A curve of accuracy over compute, fitted. */
export type FittedCurve<Start> = {
  /** Accuracy at C / C_min. */
  readonly value: (x: number) => number;
  /** Standard error of the curve there, from its parameters' covariance. */
  readonly standardError?: (x: number) => number;
  /** Where the fit to a bootstrap replicate begins; undefined where it needs no start. */
  readonly start?: Start;
};

export type CurveDefinition<Start> = Pick<Forecaster, 'name' | 'description' | 'minModels'> & {
  readonly missing?: (ladder: Ladder) => string | null;
  readonly fit: (observations: Observations, start?: Start) => FittedCurve<Start>;
};

/** A curve over ln(C / C_min) as one over C / C_min. */
export function overLogCompute<Start>({
  parameters,
  predict,
}: CurveFit<Start>): FittedCurve<Start> {
  return { start: parameters, value: (x) => predict(Math.log(x)) };
}

/** A forecaster out of a curve through the ladder's accuracies: end to end, no items, no losses. */
export function curveForecaster<Start>(definition: CurveDefinition<Start>): Forecaster {
  const { name, description, minModels, missing, fit } = definition;
  return {
    name,
    description,
    minModels,
    ...(missing === undefined ? {} : { missing }),
    fit(ladder) {
      const smallest = ladder.models[0]?.flops ?? 1;
      const observations = observe(ladder);
      const forecast = (curve: FittedCurve<Start>) => ({
        predict: ({ flops }: { readonly flops: number }) => clip(curve.value(flops / smallest)),
      });
      const curve = fit(observations);
      const { standardError } = curve;
      return {
        ...forecast(curve),
        ...(standardError === undefined
          ? {}
          : { standardError: ({ flops }) => standardError(flops / smallest) }),
        replicate: (draw) =>
          forecast(fit({ ...observations, y: perturb(ladder, draw) }, curve.start)),
      };
    },
  };
}
