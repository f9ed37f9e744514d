export { float16ToFloat32, float32ToBfloat16, float32ToFloat16, toFloat32 } from './convert.ts';
export { type SafetensorsDtype, tensorBytes } from './dtype.ts';
export { readSafetensorsHeader, type SafetensorsFile } from './header-file.ts';
export type { TensorInfo } from './header.ts';
export { readColumns, readFloat32, readRows, readTensor } from './read.ts';
export { quoteValue, TruncatedFileError } from './refusal.ts';
export { allocateSafetensors, type TensorSource, writeSafetensors } from './write.ts';
