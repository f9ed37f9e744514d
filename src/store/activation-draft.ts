import {
  type ActivationLayout,
  activationMetadata,
  activationTensors,
} from './activation-layout.ts';
import { openTensorDraft, type TensorDraft } from './tensor-draft.ts';

/** An activations file on its way: rows of its tensors are items. */
export type ActivationDraft = TensorDraft;

/** Opens the draft of the activations file `path`; see `openTensorDraft`. */
export function openActivationDraft(
  path: string,
  layout: ActivationLayout,
  planHash: string,
): Promise<ActivationDraft> {
  const content = { tensors: activationTensors(layout), metadata: activationMetadata(layout) };
  return openTensorDraft(path, content, planHash);
}
