// How weights, activations and the cache lie in memory. The one place where these orders are written down; packing, the
// products and attention all read it from here.
#pragma once
#include <cstddef>
#include <cstdint>
#include <type_traits>

#ifdef __CUDACC__
#define JC_BOTH __host__ __device__ __forceinline__
#else
#define JC_BOTH inline
#endif

namespace jc {

enum class Weights : int { bf16 = 0, int8 = 1, int4 = 2, fp8 = 3, fp16 = 4, q8_0 = 5, q4_0 = 6 };

JC_BOTH constexpr int round_up(int n, int multiple) { return (n + multiple - 1) / multiple * multiple; }

// --- weights ----------------------------------------------------------------------------------------------------
//
// A matrix [outputs, inputs] is cut into tiles of 256 outputs, a tile into units of `depth` inputs, and units lie one
// after the other: [tile][unit]. A unit is what one stage of the ring holds, one contiguous copy of 16 KB. Inside it
// lie the vectors of 16 bytes that lanes read, in the order in which they read them:
//
//   [16 outputs: 16][vector: 2][lane: 32]
//
// A warp has one or two 16 outputs. Of a vector, lane 4g + t holds outputs g and g + 8 of the 16, and
// inputs 8t .. 8t + 7 of every 32: as mma wants them, with the inputs of 32 permuted alike in weights and activations.
//   bf16, fp16: vector v has inputs 4v .. 4v + 3 of each lane's eight      int8, fp8: the v-th 32 inputs      int4: the v-th 64
//   q8_0 as int8, q4_0 as int4
//
// Numbers lie in a word as unit.cuh takes them out. int8: four bytes, plus 128. int4: eight nibbles, plus 8, of which every other sixteen bits' are
// neighbours. fp8: of four, the first two in bits 15 (sign) and 10 .. 4 of the two halves, where bf16 has them; the last two in what is left, sign in bit 11,
// the exponent's upper three bits in 14 .. 12, its last and the fraction in 3 .. 0.
//
// Tiles are tall because every block reads the activations of its inputs anew: at 26 rows and tiles of 128, they were as many
// bytes as int4 weights, and L2 was the limit.
constexpr int kTile = 256;
constexpr int kUnitBytes = 16384;
constexpr int kGroup = 128; // inputs that share a scale in int4: a unit

template <Weights F> struct Format;
template <> struct Format<Weights::bf16> { static constexpr int depth = 32, stage = kUnitBytes; };
template <> struct Format<Weights::fp16> { static constexpr int depth = 32, stage = kUnitBytes; };
template <> struct Format<Weights::int8> { static constexpr int depth = 64, stage = kUnitBytes; };
template <> struct Format<Weights::fp8> { static constexpr int depth = 64, stage = kUnitBytes; };
// The scales travel with their weights: [output of 256], fp16.
template <> struct Format<Weights::int4> { static constexpr int depth = kGroup, stage = kUnitBytes + kTile * 2; };


// Scales of blocks as those of groups: [block of the unit][output of 256], fp16.
constexpr int kBlock = 32; // inputs that share a scale in GGUF's Q8_0 and Q4_0
template <> struct Format<Weights::q8_0> { static constexpr int depth = 64, stage = kUnitBytes + depth / kBlock * kTile * 2; };
template <> struct Format<Weights::q4_0> { static constexpr int depth = 128, stage = kUnitBytes + depth / kBlock * kTile * 2; };
// Inputs that share one of the scales in a unit; 0 where there are none in it.
JC_BOTH constexpr int scaled_inputs(Weights f) { return f == Weights::int4 ? kGroup : f == Weights::q8_0 || f == Weights::q4_0 ? kBlock : 0; }

// Calls `visit(std::integral_constant<Weights, f>)`: from a format known at run time to one known to the compiler.
template <typename Visit> auto with_format(Weights f, Visit visit) {
  switch (f) {
    case Weights::int8: return visit(std::integral_constant<Weights, Weights::int8>());
    case Weights::int4: return visit(std::integral_constant<Weights, Weights::int4>());
    case Weights::fp8: return visit(std::integral_constant<Weights, Weights::fp8>());
    case Weights::fp16: return visit(std::integral_constant<Weights, Weights::fp16>());
    case Weights::q8_0: return visit(std::integral_constant<Weights, Weights::q8_0>());
    case Weights::q4_0: return visit(std::integral_constant<Weights, Weights::q4_0>());
    default: return visit(std::integral_constant<Weights, Weights::bf16>());
  }
}
// One scale for all inputs of an output, which multiplies the product's result.
JC_BOTH constexpr bool scaled_by_output(Weights f) { return f == Weights::int8 || f == Weights::fp8; }

constexpr Weights kFormats[] = {Weights::bf16, Weights::int8, Weights::int4, Weights::fp8, Weights::fp16, Weights::q8_0, Weights::q4_0};
inline int format_depth(Weights f) { return with_format(f, [](auto of) { return Format<of.value>::depth; }); }
inline int format_stage(Weights f) { return with_format(f, [](auto of) { return Format<of.value>::stage; }); }

// --- who computes what ------------------------------------------------------------------------------------------
//
// The units of a matrix are dealt out in equal runs, one run a block ("stripes"), so that every block reads the same
// number of bytes. Where a run begins or ends inside a tile, that tile's sum is in parts, at most one a block; whoever
// reads the product adds its parts up in order. Runs depend on the shape and the number of blocks alone, never on the
// number of rows: that is half of why a row's bits do not depend on the width of its pass. (The other half: a row is
// one column of mma's n side, computed by the same instructions whatever the other columns hold.)
struct Stripes {
  int tiles, per_tile, blocks; // units of a tile; blocks at most tiles * per_tile

  JC_BOTH int units() const { return tiles * per_tile; }
  JC_BOTH int begin(int block) const { return static_cast<int>(static_cast<int64_t>(units()) * block / blocks); }
  JC_BOTH int block_of(int unit) const { return static_cast<int>((static_cast<int64_t>(unit + 1) * blocks - 1) / units()); }
  JC_BOTH int parts(int tile) const { return block_of((tile + 1) * per_tile - 1) - block_of(tile * per_tile) + 1; }
  int most_parts() const {
    int most = 1;
    for (int t = 0; t < tiles; t++) most = parts(t) > most ? parts(t) : most;
    return most;
  }
};

// What a product leaves: [part][row][output], float32, and how many parts a tile's outputs are in. The counts never change, so
// kernels read them before they wait for the product (Stripes::parts has two divisions: too slow for every element).
struct Parts {
  const float* data;
  int width;             // outputs, whole tiles
  size_t part_stride;    // floats between parts
  const uint8_t* counts; // [tile]
};

// --- activations ------------------------------------------------------------------------------------------------
//
// bf16, in the order in which lanes read mma's b side: [32 inputs][8 rows][lane 4g + t][8 inputs], lane 4g + t holding row g,
// inputs 8t .. 8t + 7, so that what a product's stage needs is one contiguous copy. (Rows outermost, a copy for every eight of
// them, made 26 rows a fifth slower.) `row_blocks` is how many eights of rows the pass's products are made for: 1, 2, 4, 8 or 16.
JC_BOTH size_t activation_index(int row_blocks, int row, int input) {
  return ((static_cast<size_t>(input >> 5) * row_blocks + (row >> 3)) * 32 + (((row & 7) << 2) | ((input >> 3) & 3))) * 8 + (input & 7);
}
JC_BOTH constexpr int row_blocks_for(int rows) { return rows <= 8 ? 1 : rows <= 16 ? 2 : rows <= 32 ? 4 : rows <= 64 ? 8 : 16; }

// --- the cache --------------------------------------------------------------------------------------------------
//
// bf16, one buffer a session and side, [layer][head][32 positions][...]: what a warp looks at lies together, as its lanes read it.
// Keys of a block: [32 dimensions][8 positions][lane 4g + t][8 dimensions], g of the eight positions, t of the four eights.
// Values of a block: [dimension][32 positions], permuted so that a lane's eight are those its probabilities belong to.
constexpr int kKeyBlock = 32;  // positions one warp looks at
constexpr int kKeyChunk = 256; // positions one block looks at; partial results meet at these fixed borders

JC_BOTH int key_slot(int position, int dim) { // `position`: of 32
  return ((((dim >> 5) * 4 + (position >> 3)) * 8 + (position & 7)) * 4 + ((dim >> 3) & 3)) * 8 + (dim & 7);
}
JC_BOTH int value_slot(int position, int dim) {
  return dim * kKeyBlock + ((((position & 7) >> 1) << 3) | ((position >> 3) << 1) | (position & 1));
}
JC_BOTH constexpr int padded_head(int head_dim) { return round_up(head_dim, 32); }

constexpr int kMostRows = 128; // of one pass through the kernels
constexpr int kMostRound = 64;  // of a round, and of a pass where weights are of a format whose sums leave no registers for more rows
JC_BOTH constexpr int most_rows_of(Weights f) { return f == Weights::bf16 || f == Weights::fp16 || scaled_by_output(f) ? kMostRows : kMostRound; }
constexpr int kMostDrafts = 256; // tokens drafted without the host

// One session's share of a pass.
struct Segment {
  void* keys;
  void* values;
  int first_row, rows;
  int first_position, capacity;
};

// What a pass is about, in device memory.
struct PassTable {
  int tokens[kMostRows];
  int positions[kMostRows];
  int next_tokens[kMostRows]; // whose probability is wanted; -1: none
  int segment_of[kMostRows];
  Segment segments[kMostRows];
  int drafts; // how many of `drafted` are there
  int drafted[kMostDrafts];
};

} // namespace jc
