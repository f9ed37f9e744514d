/**
 * Fields of config.json that no computed state depends on: bookkeeping, training-time settings (dropout,
 * initialisation, losses) and defaults of `generate`, which sampling here takes from its own options.
 * A field that is neither read, nor here, nor null is refused by name.
 */
export const NEUTRAL_FIELDS: ReadonlySet<string> = new Set([
  ...['architectures', 'auto_map', 'model_type', 'name_or_path', 'transformers_version'],
  ...['dtype', 'torch_dtype', 'use_bfloat16', 'use_cache', 'tokenizer_class', 'prefix'],
  ...['bos_token_id', 'eos_token_id', 'pad_token_id', 'sep_token_id', 'decoder_start_token_id'],
  ...['unk_token_id', 'mask_token_id', 'cls_token_id', 'image_token_id', 'forced_bos_token_id'],
  ...['forced_eos_token_id', 'initializer_range', 'init_std', 'gradient_checkpointing'],
  ...['attention_dropout', 'hidden_dropout', 'classifier_dropout', 'embedding_dropout'],
  ...['attn_pdrop', 'embd_pdrop', 'resid_pdrop', 'mlp_dropout', 'dropout', 'summary_first_dropout'],
  ...['pretraining_tp', 'torchscript', 'return_dict', 'output_hidden_states', 'output_attentions'],
  ...['output_scores', 'return_dict_in_generate', 'remove_invalid_values', 'problem_type'],
  ...['id2label', 'label2id', 'num_labels', 'finetuning_task', 'task_specific_params'],
  ...['tf_legacy_loss', 'chunk_size_feed_forward', 'tie_encoder_decoder', 'is_decoder'],
  ...['min_length', 'max_length', 'max_new_tokens', 'do_sample', 'early_stopping', 'num_beams'],
  ...['num_beam_groups', 'diversity_penalty', 'temperature', 'top_k', 'top_p', 'typical_p'],
  ...['repetition_penalty', 'length_penalty', 'no_repeat_ngram_size', 'bad_words_ids'],
  ...['encoder_no_repeat_ngram_size', 'num_return_sequences', 'exponential_decay_length_penalty'],
  ...['suppress_tokens', 'begin_suppress_tokens', 'generation_config', 'unsloth_version'],
  ...['unsloth_fixed', 'is_llama_config', 'transformers.js_config', 'router_aux_loss_coef'],
  ...['summary_activation', 'summary_proj_to_labels', 'summary_type', 'summary_use_proj'],
  ...['cache_implementation', 'output_router_logits'],
  ...['attn_implementation', 'experts_implementation', 'base_model_tp_plan', 'mlx_version'],
]);

/** Fields that would change the result and that no family here understands: allowed only with these values. */
export const REFUSED_UNLESS: Readonly<Record<string, readonly unknown[]>> = {
  add_cross_attention: [false],
  attention_multiplier: [1],
  attn_logit_softcapping: [],
  clip_qkv: [],
  cross_attention_hidden_size: [],
  embedding_multiplier: [1],
  final_logit_softcapping: [],
  is_encoder_decoder: [false],
  logits_scaling: [1],
  no_rope_layers: [],
  num_experts: [0],
  num_local_experts: [0],
  partial_rotary_factor: [1],
  quantization_config: [],
  residual_multiplier: [1],
  rope_interleaved: [false],
  sliding_window: [],
  use_mrope: [false],
  use_sliding_window: [false],
};
