#include "app/project/arrivals.h"

#include "app/project/labels.h"
#include "app/project/observe.h"
#include "engine/engine.h"
#include "engine/error.h"

namespace devc::app {
namespace {

bool isStartIn(const engine::Event& event, const std::string& project) {
    if (event.type != "container" || event.action != "start") return false;
    const auto of = event.attributes.find(label::project);
    const auto oneOff = event.attributes.find(label::oneOff);
    return of != event.attributes.end() && of->second == project && (oneOff == event.attributes.end() || oneOff->second != "True");
}

}  // namespace

Arrivals::Arrivals(engine::Engine& engine, std::string project, std::string since, std::function<void(const engine::Container&)> arrived)
    : listening_([this, &engine, project = std::move(project), since = std::move(since), arrived = std::move(arrived)] {
          engine.events().follow(since, "", [&](const engine::Event& event) {
              if (!isStartIn(event, project)) return true;
              try {
                  arrived(engine.containers().find(event.id));
              } catch (const engine::NotFound&) {
                  // It came and went.
              }
              return true;
          }, stop_.descriptor());
      }) {}

Arrivals::~Arrivals() { stop_.raise(); }

}  // namespace devc::app
