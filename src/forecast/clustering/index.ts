export { boundedKMeans, type BoundedKMeansOptions } from './bounded-k-means.ts';
export { boundedMeanShift, type BoundedMeanShiftOptions } from './bounded-mean-shift.ts';
export type { Clustering } from './clustering.ts';
export { clusteringQuality, type ClusteringQuality } from './clustering-quality.ts';
export { dbscan, type DbscanOptions } from './dbscan.ts';
export { kMeans, type KMeansOptions } from './k-means.ts';
export { meanShift, type MeanShiftClustering, type MeanShiftOptions } from './mean-shift.ts';
export { mergeDuplicates, type MergedPoints } from './merge-duplicates.ts';
export type { Points } from './points.ts';
