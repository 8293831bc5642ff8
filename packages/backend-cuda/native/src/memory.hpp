// Device and pinned memory that frees itself.
#pragma once
#include "fault.hpp"

namespace jc {

class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  DeviceBuffer(size_t bytes, const char* what) { allocate(bytes, what); }
  DeviceBuffer(const DeviceBuffer&) = delete;
  DeviceBuffer& operator=(const DeviceBuffer&) = delete;
  DeviceBuffer(DeviceBuffer&& other) noexcept : data_(other.data_), bytes_(other.bytes_) { other.data_ = nullptr, other.bytes_ = 0; }
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~DeviceBuffer() { cudaFree(data_); }

  void allocate(size_t bytes, const char* what) {
    cudaFree(data_);
    data_ = nullptr, bytes_ = 0;
    if (bytes == 0) return;
    check(cudaMalloc(&data_, bytes), what);
    bytes_ = bytes;
  }
  // Allocates anew where what is there is too small; the contents are lost.
  void at_least(size_t bytes, const char* what) {
    if (bytes > bytes_) allocate(bytes, what);
  }
  template <typename T> T* as() const { return static_cast<T*>(data_); }
  size_t bytes() const { return bytes_; }
  explicit operator bool() const { return data_ != nullptr; }

 private:
  void* data_ = nullptr;
  size_t bytes_ = 0;
};

class PinnedBuffer {
 public:
  PinnedBuffer() = default;
  PinnedBuffer(const PinnedBuffer&) = delete;
  PinnedBuffer& operator=(const PinnedBuffer&) = delete;
  ~PinnedBuffer() { cudaFreeHost(data_); }
  void at_least(size_t bytes, const char* what) {
    if (bytes <= bytes_) return;
    cudaFreeHost(data_);
    data_ = nullptr, bytes_ = 0;
    check(cudaMallocHost(&data_, bytes), what);
    bytes_ = bytes;
  }
  template <typename T> T* as() const { return static_cast<T*>(data_); }

 private:
  void* data_ = nullptr;
  size_t bytes_ = 0;
};

// One word that host and devices read and write.
class PinnedWord {
 public:
  PinnedWord() = default;
  PinnedWord(const PinnedWord&) = delete;
  PinnedWord& operator=(const PinnedWord&) = delete;
  ~PinnedWord() { cudaFreeHost(word_); }
  void allocate() {
    check(cudaHostAlloc(&word_, sizeof(int), cudaHostAllocPortable | cudaHostAllocMapped), "a word");
    *word_ = 0;
  }
  int* get() const { return word_; }

 private:
  int* word_ = nullptr;
};

} // namespace jc
