/** What one of several processes does: the shards whose number is `part` modulo `of`. All when absent. */
export interface ShardShare {
  readonly part: number;
  readonly of: number;
}

/** Whether a shard, counted from 0, is of this share; all are where there is none. */
export const isOurs = (shard: number, share: ShardShare | undefined): boolean =>
  share === undefined || shard % share.of === share.part;
