#pragma once
#include <string_view>

#include "engine/transfer/channel.h"

namespace devc::engine::transfer {

/// Reads the request, does it, reports the result. Throws Error.
///
/// | verb   | request                                                      | data in, out | result                         |
/// | import | state                                                        | root tar in  | a layer                        |
/// | layer  | state, folder, parent, copy (true: the folder stays)         |              | a layer                        |
/// | pull   | state, domain, path, tag, digest, os, architecture, variant  |              | an image                       |
/// | push   | state, domain, path, tag, manifest, elsewhere: {digest: [path of the same domain]} | | digest            |
/// | load   | state, os, architecture                                      | tar in       | images                         |
/// | save   | state, images: [{manifest, references}]                      | tar out      | null                           |
/// | pack   | as                                                           | object, tar  | null: see writeTree()          |
/// | extract| owner: [uid, gid] or null, devices, specialModes, probe      | tar, folder  | archive: see extractTree(); probe: false for what is no tar, not an error |
/// | download | url, head                                                  | body out     | see download()                 |
/// | login, logout   | see account.h                                       |              |                                |
/// | resolve, search | see lookup.h                                        |              |                                |
/// | fetch, publish  | see artifact.h                                      |              |                                |
/// An object and a folder are descriptors in the place of data (O_PATH). A layer: see toJson(StoredLayer). An image: manifestDigest, configDigest, layers, references, repositoryDigest.
void runVerb(std::string_view verb, Channel& channel);

}  // namespace devc::engine::transfer
