import { callSaboteurs } from './of-calls.ts';
import { decidingSaboteurs } from './of-deciding.ts';
import { draftingSaboteurs } from './of-drafting.ts';
import { openingSaboteurs } from './of-opening.ts';
import { outputSaboteurs } from './of-outputs.ts';
import type { Saboteur } from './saboteur.ts';

/** Every fault the contract is shown to catch. */
export const saboteurs: readonly Saboteur[] = [
  ...openingSaboteurs,
  ...outputSaboteurs,
  ...callSaboteurs,
  ...draftingSaboteurs,
  ...decidingSaboteurs,
];
