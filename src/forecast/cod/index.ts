export { type CodFit, type CodPart, fitCod, judgeClusters, type JudgedCluster } from './cod-fit.ts';
export type { CodSettings, WholeRule } from './cod-settings.ts';
export { codDefaults, codForecasters, createCod } from './variants.ts';
export { clusterItems } from './assignment.ts';
export { type CodDescription, describeCod } from './describe-clusters.ts';
export { fitSubsetMap, type SubsetMap } from './subset-map.ts';
export { mapPoints } from './whole.ts';
