#include "engine/state/schema.h"

namespace devc::engine {

namespace {

constexpr const char* steps[] = {
    // Containers. `project` repeats the compose label so that a project's containers are found by index; everything
    // that is not searched for is in `spec` and `arguments` (JSON).
    R"sql(
    CREATE TABLE containers (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        project TEXT NOT NULL DEFAULT '',
        image_id TEXT NOT NULL,
        created TEXT NOT NULL,
        spec TEXT NOT NULL,
        arguments TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX containers_by_project ON containers(project);
    CREATE INDEX containers_by_image ON containers(image_id);
    )sql",

    // Volumes and who mounts them.
    R"sql(
    CREATE TABLE volumes (
        name TEXT PRIMARY KEY,
        driver TEXT NOT NULL,
        created TEXT NOT NULL,
        anonymous INTEGER NOT NULL,
        labels TEXT NOT NULL,
        options TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE volume_users (
        volume TEXT NOT NULL REFERENCES volumes(name),
        container TEXT NOT NULL REFERENCES containers(id) ON DELETE CASCADE,
        PRIMARY KEY (volume, container)
    ) WITHOUT ROWID;
    CREATE INDEX volume_users_by_container ON volume_users(container);
    )sql",

    // Images: what the configuration blob says and the references that lead to it; unpacked layers by chain id. A pin
    // keeps a layer that no image has (the build cache).
    R"sql(
    CREATE TABLE images (
        id TEXT PRIMARY KEY,
        manifest_digest TEXT NOT NULL,
        created TEXT NOT NULL,
        config TEXT NOT NULL,
        chain_ids TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE image_references (
        reference TEXT PRIMARY KEY,
        image_id TEXT NOT NULL REFERENCES images(id) ON DELETE CASCADE
    ) WITHOUT ROWID;
    CREATE INDEX image_references_by_image ON image_references(image_id);
    CREATE TABLE layers (
        chain_id TEXT PRIMARY KEY,
        diff_id TEXT NOT NULL,
        blob_digest TEXT NOT NULL,
        blob_size INTEGER NOT NULL,
        size INTEGER NOT NULL,
        media_type TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE layer_pins (
        holder TEXT NOT NULL,
        chain_id TEXT NOT NULL,
        PRIMARY KEY (holder, chain_id)
    ) WITHOUT ROWID;
    )sql",

    // Builds: which layer an operation made above which, and digests of what later operations read from layers.
    R"sql(
    CREATE TABLE build_cache (
        key TEXT PRIMARY KEY,
        parent TEXT NOT NULL,
        chain TEXT NOT NULL,
        title TEXT NOT NULL,
        created INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE build_contents (
        chain TEXT NOT NULL,
        query TEXT NOT NULL,
        digest TEXT NOT NULL,
        PRIMARY KEY (chain, query)
    ) WITHOUT ROWID;
    )sql",

    // Networks and the endpoints of containers on them. `container` is no reference: build steps have endpoints too.
    // `active` is the id of the boot in which the endpoint was made live: after a reboot none is.
    R"sql(
    CREATE TABLE networks (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        created TEXT NOT NULL,
        owner TEXT NOT NULL,
        spec TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE endpoints (
        network TEXT NOT NULL REFERENCES networks(id) ON DELETE CASCADE,
        container TEXT NOT NULL,
        position INTEGER NOT NULL,
        active TEXT NOT NULL DEFAULT '',
        data TEXT NOT NULL,
        PRIMARY KEY (network, container)
    ) WITHOUT ROWID;
    CREATE INDEX endpoints_by_container ON endpoints(container);
    )sql",

    // When an image was pulled, loaded, made or named last: pull policies by age go by it.
    "ALTER TABLE images ADD COLUMN tagged TEXT NOT NULL DEFAULT ''",
};

}  // namespace

std::span<const char* const> migrations() { return steps; }

}  // namespace devc::engine
