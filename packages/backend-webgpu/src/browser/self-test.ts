import type { ModelConfig } from '@judge-decoding/checkpoint/browser';
import { buildDeviceDecoder, type RunDtype, selfTestModel, weightsInMemory } from '@judge-decoding/onnx';
import { type SelfTest, type SelfTestOptions, selfTest } from '@judge-decoding/ort-session';

/** Compares the device with the processor on a small decoder with this model's heads, weights as it has them. */
export async function testDevice(
  config: ModelConfig,
  dtype: RunDtype,
  options: Pick<SelfTestOptions, 'runtime' | 'sessionOptions' | 'hostOptions'>,
): Promise<SelfTest> {
  const graph = buildDeviceDecoder(selfTestModel(config), { dtype });
  const { model, weightsFile, shape } = graph;
  const weights = await weightsInMemory(graph);
  return selfTest({ ...options, graph: { model, weightsFile, weights }, shape });
}
