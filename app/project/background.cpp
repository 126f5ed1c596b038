#include "app/project/background.h"

namespace devc::app {

Background::Background(std::function<void()> work)
    : thread_([this, work = std::move(work)] {
          try {
              work();
          } catch (...) {
              failure_ = std::current_exception();
          }
          done_.raise();
      }) {}

void Background::join() {
    if (thread_.joinable()) thread_.join();
}

}  // namespace devc::app
