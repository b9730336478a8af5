--- The workspace's back end inside a worker: each access is a request to the parent, which checks it.
local remote = {}

---@param request fun(request: table): any, promptgen.Error?
---@return table backend with read, list, document, resolve, plans
function remote.new(request)
  local backend = {}

  function backend.read(path)
    return request { op = "read", path = path }
  end

  function backend.list(path)
    return request { op = "list", path = path }
  end

  function backend.document(path, opts)
    local bytes, err = request { op = "document", path = path, extent = opts and opts.extent }
    if not bytes then
      return nil, err
    end
    return require("promptgen.plan").load(bytes)
  end

  function backend.resolve(target)
    return request { op = "resolve", target = target }
  end

  function backend.plans()
    return request { op = "plans" }
  end

  return backend
end

return remote
