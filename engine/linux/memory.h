#pragma once

namespace devc::engine {

/// For a process that has begun and will wait for long: gives freed heap back to the kernel, and drops the pages of its own
/// program. What is needed of it later comes from the page cache, a few microseconds a page.
void releaseUnusedMemory();

}  // namespace devc::engine
