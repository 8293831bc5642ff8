// One host thread a rank, and what they settle among each other.
#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "fault.hpp"

namespace jc {

class Ranks {
 public:
  explicit Ranks(int count);
  ~Ranks();
  int count() const { return count_; }

  // Does `work` once a rank, rank 0's on the calling thread, and returns when all have ended. Throws what went wrong
  // first: what then goes wrong with the others is its consequence.
  void run(const std::function<void(int rank)>& work);

  // Inside `run`: returns when all ranks have come here; throws where one of them failed instead.
  void meet();
  // Inside `run`: rank 0's word on a yes or no; all ranks ask the same questions in the same order.
  bool agree(int rank, int question, bool word);

 private:
  const int count_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable wake_;
  const std::function<void(int)>* work_ = nullptr;
  std::atomic<int> round_{0}, at_work_{0};
  std::atomic<bool> stopping_{false}, failed_{false};
  std::atomic<int> met_{0}, meetings_{0};
  std::atomic<int64_t> word_{-1};
  Fault first_{};

  void serve(int rank);
  void perform(int rank);
  void wait_until(const std::function<bool()>& there, const char* what);
};

} // namespace jc
