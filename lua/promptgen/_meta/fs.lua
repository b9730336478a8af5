---@meta promptgen.fs

--- Files beneath one root directory, and nowhere else. Paths are relative to the root, separated by
--- '/'; "." is the root itself. Links are followed while they stay beneath the root, only regular
--- files are read.
---
--- Errors of every function that returns one: `bad_input` (empty path, longer than 4095 bytes, NUL),
--- `outside_root` (absolute, climbing with `..`, or a link that leaves), `not_found`,
--- `not_directory`, `permission`, `io`, `out_of_memory`, and those named with it.
---@class promptgen.fs
---@field absent string signature of a file that does not exist
local fs = {}

--- Identity and state of a file, as opaque bytes that may be stored and compared on this machine.
---@alias promptgen.fs.Signature string

---@class (exact) promptgen.fs.RootOptions
---@field walk? boolean never call openat2; same answers, slower (default false)
---@field max_bytes? integer limit for one file (default 16 MiB)
---@field max_entries? integer limit for one directory (default 262144)
---@field racy_window? number seconds in which a change may leave the file times as they were
--- (0-3600, default 2; 0 = no doubt is ever recorded, for tests)
---@field clock? promptgen.timer.Clock compared with file times; default the wall clock

---@class (exact) promptgen.fs.Entry
---@field name string any bytes but '/' and NUL
---@field type "file"|"dir"|"link"|"other" of the entry itself; links are not followed

---@class (exact) promptgen.fs.Stat
---@field type "file"|"dir"|"other" links are followed
---@field size integer bytes
---@field mtime number seconds since the epoch
---@field mtime_ns integer the same in nanoseconds, exact
---@field signature promptgen.fs.Signature

---@class (exact) promptgen.fs.WriteOptions
---@field expected? promptgen.fs.Signature the file must still be this one; `fs.absent` = must not exist
---@field no_replace? boolean the file must not exist (default false)
---@field parents? boolean create missing directories (default false)
---@field sync? boolean wait for the disk (default true)
---@field mode? integer permissions of a new file, less the umask (default 0666 octal, at most 0777)

--- A directory held open.
---@class promptgen.fs.Root
local Root = {}

--- Opens the directory `path` as a root.
---
--- ```lua
--- local root <close> = assert(fs.root("."))
--- local text = assert(root:read("README.md"))
--- ```
---@param path string relative to the current directory, or absolute
---@param options? promptgen.fs.RootOptions
---@return promptgen.fs.Root? root
---@return promptgen.Error? err `not_found`, `not_directory`, `permission`
function fs.root(path, options) end

--- The nearest directory from `start` upwards that has one of `markers`.
---@param start string absolute path
---@param markers string[] 1 to 16; one that ends in '/' is a directory, else a regular file
---@return string? directory absolute
---@return string|promptgen.Error marker the one that was found; `not_found`; `permission` when the
--- directory or the marker belongs to another user, or anyone may write into the directory
function fs.find_up(start, markers) end

--- Content hash: XXH3 of 128 bits as 32 hexadecimal digits. Not cryptographic.
---@param bytes string
---@return string hash
function fs.hash(bytes) end

--- Whether two signatures name the same state of the same file; their doubts are left aside.
---@param a promptgen.fs.Signature
---@param b promptgen.fs.Signature
---@return boolean same
function fs.same(a, b) end

---@class (exact) promptgen.fs.Description
---@field absent boolean there was no such file; the other fields mean nothing then
---@field type "file"|"dir"|"other"
---@field size integer bytes
---@field mtime number seconds since the epoch
---@field ctime number seconds since the epoch
---@field inode integer
---@field doubtful boolean the times alone prove nothing

--- What a signature says, for people.
---@param signature promptgen.fs.Signature
---@return promptgen.fs.Description
function fs.describe(signature) end

--- Absolute path of the root without links.
---@return string path
function Root:path() end

--- Content of a regular file, and its signature at the moment it was read.
---@param path string
---@param max_bytes? integer limit for this read; never above that of the root
---@return string? bytes
---@return promptgen.fs.Signature|promptgen.Error signature `not_regular`, `too_large`
function Root:read(path, max_bytes) end

--- Entries of a directory in byte order, and its signature.
---@param path string
---@return promptgen.fs.Entry[]? entries
---@return promptgen.fs.Signature|promptgen.Error signature `too_large`
function Root:list(path) end

--- What a path names, without reading it.
---@param path string
---@return promptgen.fs.Stat? stat
---@return promptgen.Error? err
function Root:stat(path) end

--- Signature of a file or directory, without reading it.
---@param path string
---@return promptgen.fs.Signature? signature
---@return promptgen.Error? err
function Root:signature(path) end

--- Compares a file with an earlier signature, in one system call. "doubtful" means that nothing
--- differs but the times prove nothing: compare the content.
---@param path string
---@param signature promptgen.fs.Signature
---@return "fresh"|"doubtful"|"stale" freshness
function Root:check(path, signature) end

--- Writes a file as a whole: readers see the old content or the new, never a mixture.
---@param path string
---@param bytes string
---@param options? promptgen.fs.WriteOptions
---@return promptgen.fs.Signature? signature of the new file
---@return promptgen.Error? err `conflict` when `expected` or `no_replace` does not hold,
--- `not_regular`, `permission` for a link
function Root:write(path, bytes, options) end

--- Creates a directory and the missing ones above it.
---@param path string
---@return true? made
---@return promptgen.Error? err
function Root:make_dirs(path) end

--- Removes a file or link, never a directory.
---@param path string
---@param opts? {expected?: string} signature that the file must still have
---@return boolean? ok
---@return promptgen.Error? err `conflict` when the file has changed, `not_found`, `permission`
function Root:remove(path, opts) end

---@class (exact) promptgen.fs.MoveOptions
---@field expected? promptgen.fs.Signature the file must still be this one
---@field parents? boolean create missing directories (default false)
---@field sync? boolean wait for the disk (default true)

--- Gives a file or link another name, where there must be nothing yet; nothing is ever replaced.
---@param from string
---@param to string
---@param options? promptgen.fs.MoveOptions
---@return true? moved
---@return promptgen.Error? err `conflict` when something is at `to` or the file has changed,
--- `not_regular` for a directory
function Root:move(from, to, options) end

--- Removes a directory that is empty.
---@param path string
---@return true? removed
---@return promptgen.Error? err `conflict` when it is not empty
function Root:remove_dir(path) end

--- An exclusive lock on a directory, until it is closed or the process ends.
---@class promptgen.fs.Lock
local Lock = {}

--- Unlocks; again is fine. Also done by `<close>` and the collector.
function Lock:close() end

--- Locks a directory against every other lock of it; it leaves no file behind.
---@param path string
---@param wait number seconds to wait for it (0-86400)
---@return promptgen.fs.Lock? lock
---@return promptgen.Error? err `conflict` when another one holds it, `unsupported` where the file
--- system has no locks
function Root:lock(path, wait) end

--- Closes the root; again is fine. Also done by `<close>` and the collector.
function Root:close() end

return fs
