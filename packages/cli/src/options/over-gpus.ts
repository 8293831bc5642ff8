import { deviceName, devicesOf } from '@judge-decoding/backend-cuda/ranks';
import type { Command } from 'commander';
import { badFlag, countFlag } from './flag-value.ts';

const FLAG = '--tensor-parallel-size';

/** `--tensor-parallel-size 2` is another way to write `--device cuda:0,1`, and becomes that before the command sees it. */
export function addOverGpus(command: Command): Command {
  return command
    .option(
      `${FLAG} <n>`,
      'over so many GPUs, from --device on: its parts are computed side by side',
      countFlag(FLAG, 1),
    )
    .hook('preAction', (_, action) => {
      const { tensorParallelSize: size, backend, device } = action.opts();
      if (size === undefined) return;
      // of a trace that is replayed the backend is known later
      if (backend !== undefined && backend !== 'cuda') {
        if (size === 1) return;
        throw badFlag(FLAG, `1 for the backend ${backend}, which runs a model on one device`, String(size));
      }
      action.setOptionValue('device', deviceName(devicesOf(device ?? 'cuda', size)));
    });
}
