/** Accuracy of one model on the extrapolated subset and on the whole benchmark, 0…1. */
export type MapPoint = { readonly subset: number; readonly full: number };
