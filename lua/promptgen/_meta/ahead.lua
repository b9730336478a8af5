---@meta promptgen.ahead

--- Documents that a second thread reads and parses before they are asked for. The thread ends with
--- `close`; the process must not fork before. Only for the trusted half of the program.
---@class promptgen.ahead
local ahead = {}

---@class promptgen.ahead.Reader
local Reader = {}

--- A reader of files below `root`, which must stay open until the reader is closed.
---@param root promptgen.fs.Root
---@return promptgen.ahead.Reader? reader
---@return promptgen.Error? err
function ahead.new(root) end

--- Wants a document; those wanted first are read first.
---@param path string relative to the root
---@param extent? "all"|"header" see promptgen.plan
---@return boolean wanted false when it will not be read ahead: there is one processor, it is on the
--- list already, or the list is full
function Reader:want(path, extent) end

--- Compiles the patterns. Documents wanted before wait for them where they need them.
---@param options? {patterns?: table|userdata} as for plan.parse
---@return true? ok
---@return promptgen.Error? err when they do not compile
function Reader:prepare(options) end

--- A document, once; waits for the one in work. Call it after `prepare`.
---@param path string
---@param extent? "all"|"header"
---@return promptgen.plan.Record? record nil when the caller has to read it: it was not wanted, not begun
--- (and will not be), or failed
---@return string signature of promptgen.fs, of the bytes that were parsed
---@return string hash fs.hash of those bytes
function Reader:take(path, extent) end

--- Whether a document has been read, or has been tried.
---@param path string
---@param extent? "all"|"header"
---@return boolean ready
function Reader:ready(path, extent) end

--- Nothing more will be wanted: the thread ends when it has read the rest.
function Reader:finish() end

--- Ends the thread, after the document in work. Again is fine.
function Reader:close() end

return ahead
