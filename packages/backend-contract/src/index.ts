export {
  type TableModel,
  type TableModelOptions,
  type ToyModelOptions,
  tableModel,
  toyBackend,
  toyLocation,
  toyModel,
  toyPair,
} from './toy/backend.ts';
export type { NextTable } from './toy/table-net.ts';
