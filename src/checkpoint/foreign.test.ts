import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inspectCheckpoint, openCheckpoint } from './index.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sonde-foreign-'));
});
afterEach(() => rm(folder, { recursive: true }));

const auto = (option = '') =>
  `python -c "import sys; from transformers import AutoModelForCausalLM as M, AutoTokenizer as T; a, b = sys.argv[1:]; M.from_pretrained(a, dtype='auto'${option}).save_pretrained(b); T.from_pretrained(a${option}).save_pretrained(b)" /run /run-hf`;

test.each([
  [
    ['pytorch_model.bin', 'config.json'],
    'PyTorch weights (pytorch_model.bin) (/run/pytorch_model.bin)',
    auto(),
  ],
  [['pytorch_model-00001-of-00002.bin'], 'PyTorch weights', auto()],
  [['a-q4.gguf'], 'GGUF weights (/run/a-q4.gguf)', auto(", gguf_file='a-q4.gguf'")],
  [
    ['.metadata', '__0_0.distcp'],
    'a torch distributed checkpoint (DCP)',
    'python -m torch.distributed.checkpoint.format_utils dcp_to_torch /run /run-hf/pytorch_model.bin',
  ],
  [
    ['model_and_optim/', '.metadata.json', 'train/'],
    'an OLMo-core checkpoint (torch distributed)',
    'python src/examples/huggingface/convert_checkpoint_to_hf.py -i /run -o /run-hf',
  ],
  [['mp_rank_00/'], 'a Megatron checkpoint', '.export_ckpt(*sys.argv[1:])" /run /run-hf'],
  [
    ['latest_checkpointed_iteration.txt', 'iter_0000010/', 'iter_0000020/'],
    'a Megatron checkpoint',
    '/run/iter_0000020 /run/iter_0000020-hf',
  ],
  [
    ['zero_to_fp32.py', 'global_step10/'],
    'a DeepSpeed ZeRO checkpoint',
    'python /run/zero_to_fp32.py /run /run-hf --safe_serialization',
  ],
  [
    ['adapter_config.json', 'adapter_model.safetensors'],
    'a LoRA adapter without its base model',
    'merge_and_unload()',
  ],
  [
    ['consolidated.00.pth', 'params.json'],
    'an original Llama checkpoint',
    'convert_llama_weights_to_hf --input_dir /run --output_dir /run-hf',
  ],
  [['tf_model.h5'], 'TensorFlow weights', 'from_tf=True'],
  [['flax_model.msgpack'], 'Flax weights', 'from_flax=True'],
  [
    ['model.pt', 'config.yaml'],
    'a checkpoint of the first OLMo trainer (model.pt)',
    'convert_olmo2_to_hf.py',
  ],
])('%j', async (names, form, command) => {
  const dir = join(folder, 'run');
  for (const name of names) {
    if (name.endsWith('/')) await mkdir(join(dir, name), { recursive: true });
    else await mkdir(dir, { recursive: true }).then(() => writeFile(join(dir, name), ''));
  }
  for (const action of [openCheckpoint, inspectCheckpoint]) {
    const message = await action(dir).then(
      () => 'accepted',
      (error: unknown) => String(error),
    );
    const shown = message.replaceAll(folder, '');
    expect(shown).toContain(
      `UserError: \`checkpoint\`: expected safetensors in Hugging Face format, found ${form}`,
    );
    expect(shown).toContain(command);
  }
});

test('the command can be pasted into a shell, whatever the names', async () => {
  const dir = join(folder, "it's $(touch x) `y`");
  await mkdir(dir);
  await writeFile(join(dir, 'a"$(touch x)\'.gguf'), '');
  const message = await openCheckpoint(dir).then(
    () => 'accepted',
    (error: unknown) => String(error),
  );
  const command = message.split('\n')[1]!.trim();
  const echoed = execFileSync('bash', ['-c', command.replace(/^python -c/, 'printf "%s\\n"')], {
    cwd: folder,
  });
  const [code, from, to] = echoed.toString().trim().split('\n');
  expect(code).toContain("gguf_file='a??(touch x)?.gguf'");
  expect([from, to]).toEqual([dir, `${dir}-hf`]);
});
