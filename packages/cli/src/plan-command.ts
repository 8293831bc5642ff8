import type { CommandKit } from './measure-commands.ts';
import { countFlag, numberFlag } from './options/flag-value.ts';
import { acceptanceFlag } from './options/run-flags.ts';

const positive = (flag: string) => numberFlag(flag, 'a number above 0', (value) => value > 0);

/** `judge plan`: what GPUs one has not, or not yet, would do. */
export function addPlanCommand({ command, after, shown, withGlobals, finish, world }: CommandKit): void {
  command(
    'plan',
    'what would GPUs do with a pair? predicted from sizes, no GPU needed',
    'Predicts what a target and a draft would do on 1 to 8 GPUs: memory, plain decoding, and judged rounds with the draft length and the draft’s place that are best. From sizes, bandwidths and what the engine was measured to take on an H200; nothing is run. Without a pair it is the paper’s two and ours.',
  )
    .option('--target <model>', 'a shape such as llama-3.1-70b:int8, a Hugging Face folder or a GGUF file')
    .option('--draft <model>', 'the same of its draft (default: llama-3.1-8b:int4)')
    .option(
      '--dtype <type>',
      'how the target’s weights are held: bf16, fp16, fp8, int8, int4, q8_0 or q4_0',
      'int8',
    )
    .option('--draft-dtype <type>', 'how the draft’s are', 'int4')
    .option('--gpu <kind>', 'h200, h100, a100, rtx-4090 … or any name with --bandwidth and --memory', 'h200')
    .option('--gpus <n>', 'only with so many', countFlag('--gpus', 1))
    .option('--bandwidth <TB/s>', 'of its memory, by hand', positive('--bandwidth'))
    .option('--memory <GB>', 'of each GPU, by hand', positive('--memory'))
    .option('--link <GB/s>', 'between two of them, one way, by hand', positive('--link'))
    .option('--context <n>', 'tokens before the pass', countFlag('--context', 1))
    .option('--draft-length <n>', 'instead of the best one', countFlag('--draft-length', 1))
    .option(
      '--synthetic-acceptance <what>',
      'a rate (0.8), a length (length:19) or a file with a profile (default: the rate at which 19 of 25 are accepted)',
      acceptanceFlag,
    )
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      after(
        shown([
          ['judge plan', 'the paper’s pairs and ours'],
          ['judge plan --target llama-3.1-405b:int8 --gpu h100', '405B over one to eight H100'],
          ['judge plan --target qwen3-32b:int8 --draft qwen3-0.6b:int8 --gpu rtx-5090 --gpus 2'],
          ['judge plan --target ./big --draft ./small --gpu mine --bandwidth 3.2 --memory 96 --link 300'],
        ]),
      ),
    )
    .action(async (flags) => {
      const { planCommand } = await import('./commands/plan.ts');
      finish(await planCommand(withGlobals(flags), world));
    });
}
