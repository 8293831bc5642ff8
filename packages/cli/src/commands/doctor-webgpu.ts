import { tryGpu, vulkanDrivers } from '@judge-decoding/backend-webgpu/node';
import { JudgeDecodingError } from '@judge-decoding/core';
import type { Finding } from './doctor-finding.ts';

const what = 'backend webgpu';

/** The drivers, and a small decoder compared with the processor. A GPU is opened only where it was asked for. */
export async function webgpuFindings({ chosen }: { readonly chosen: boolean }): Promise<readonly Finding[]> {
  const drivers = process.platform === 'linux' ? await vulkanDrivers() : undefined;
  const named = drivers === undefined ? '' : drivers.join(', ') || 'no Vulkan driver found';
  if (!chosen) {
    const detail = `tried with --backend webgpu only${named === '' ? '' : ` (${named})`}`;
    return [{ what, state: 'note', detail }];
  }
  try {
    const { difference, mostRows } = await tryGpu();
    const found: Finding = {
      what,
      state: 'ok',
      detail: `a small decoder’s logits differ from the processor’s by ${difference.toExponential(0)} of the largest`,
    };
    const driver: Finding = { what: 'GPU driver', state: 'ok', detail: named };
    const small: Finding = {
      what: 'attention',
      state: 'note',
      detail: `wrong for passes of more than ${mostRows} rows on this device: prompts are read ${mostRows} tokens at a time`,
    };
    return [found, ...(named === '' ? [] : [driver]), ...(Number.isFinite(mostRows) ? [small] : [])];
  } catch (error) {
    if (!JudgeDecodingError.is(error)) throw error;
    return [{ what, state: 'bad', detail: `cannot be used: ${error.message}` }];
  }
}
