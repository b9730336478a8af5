--- Names for the work that a run consists of: parsing, state detection, prompt generation, listing of
--- feedback. The functions concerned are replaced by timed ones when something is measured, so that
--- an ordinary run knows nothing of it.
local profile = require "promptgen.profile"

local points = {}

--- Replaces `owner[key]` by a timed function.
local function time(owner, key, name)
  owner[key] = profile.wrap(name, owner[key])
end

local function time_listing(Workspace)
  local list = Workspace.list
  local feedback = profile.wrap("feedback listing", list)
  local other = profile.wrap("directory listing", list)
  function Workspace.list(self, dir, ...)
    local is_feedback = type(dir) == "string" and dir:find("feedbacks/?$") ~= nil
    return (is_feedback and feedback or other)(self, dir, ...)
  end
  profile.hide(Workspace.list)
end

--- The methods of the workspace are reached through the first one that is opened.
local function time_workspace()
  local workspace = require "promptgen.workspace"
  local open, seen = workspace.open, {}
  workspace.open = function(...)
    local opened, err = open(...)
    local Workspace = opened and getmetatable(opened).__index
    if Workspace and not seen[Workspace] then
      seen[Workspace] = true
      time(Workspace, "document", "plan parsing")
      time_listing(Workspace)
    end
    return opened, err
  end
  profile.hide(workspace.open)
end

--- The same for the context of a workflow, which a worker makes.
local function time_context()
  local context = require "promptgen.context"
  local new, seen = context.new, {}
  context.new = function(...)
    local made = new(...)
    local Context = getmetatable(made)
    if not seen[Context] then
      seen[Context] = true
      profile.hide(Context.prompt) -- only finds the place of an error (promptgen.guard)
      time(Context, "prompt", "prompt generation")
    end
    return made
  end
  profile.hide(context.new)
end

--- Times the named work from now on, in this process and in the workers it starts.
function points.install()
  local _ <close> = profile.span "loading of modules"
  time(require "promptgen.state", "resolve", "state detection")
  time(require "promptgen.preload", "documents", "plan parsing")
  time(require "promptgen.foresight", "start", "plan parsing")
  time(require "promptgen.foresight", "want", "plan parsing")
  time_workspace()
  time_context()
end

return points
