-- Neovim 0.7 or newer as a language client: opens a test, types, sees diagnostics come and go, hovers, takes a code action.
-- Arguments: Node, the server, the file to open. Writes one JSON object, what was seen, to $ATTEST_SEEN.
local node, server, file = unpack(vim.fn.argv())
local seen = {}

local function wait(what, look)
  if not vim.wait(30000, look, 20) then error('waited in vain for ' .. what) end
end

local function diagnostics()
  return vim.tbl_map(function(it)
    return { code = it.code or (it.user_data and it.user_data.lsp and it.user_data.lsp.code), line = it.lnum, column = it.col, endColumn = it.end_col,
      severity = it.severity, source = it.source, message = it.message }
  end, vim.diagnostic.get(0))
end

local function find(code)
  for _, it in ipairs(diagnostics()) do
    if it.code == code then return it end
  end
end

local function ask(method, params)
  local answers, why = vim.lsp.buf_request_sync(0, method, params, 30000)
  assert(answers, why)
  for _, it in pairs(answers) do
    assert(it.err == nil, vim.inspect(it.err))
    return it.result
  end
end

local function main()
  vim.cmd('edit ' .. vim.fn.fnameescape(file))
  local id = vim.lsp.start_client({ name = 'attest', cmd = { node, server, '--stdio' }, root_dir = vim.fn.getcwd() })
  assert(id, 'the server did not start')
  vim.lsp.buf_attach_client(0, id)
  local client = vim.lsp.get_client_by_id(id)

  local off = 'network/certificate-check-off'
  wait('the first diagnostic', function() return find(off) end)
  seen.version = tostring(vim.version().major) .. '.' .. tostring(vim.version().minor)
  seen.encoding = client.offset_encoding
  seen.opened = find(off)
  local text = vim.api.nvim_buf_get_lines(0, seen.opened.line, seen.opened.line + 1, false)[1]
  seen.underlined = text:sub(seen.opened.column + 1, seen.opened.endColumn)

  -- Typed as a person would: a new line above with characters that take two and four bytes, then the defect goes.
  vim.cmd('normal! ggO# grüße 🔒')
  wait('the diagnostic one line below', function() return find(off) and find(off).line == seen.opened.line + 1 end)
  seen.moved = find(off)
  vim.cmd('%s/, verify=False//')
  wait('no diagnostic', function() return find(off) == nil end)
  vim.cmd('undo')
  wait('the diagnostic after undo', function() return find(off) end)

  local at = find(off)
  vim.api.nvim_win_set_cursor(0, { at.line + 1, at.column })
  local hover = ask('textDocument/hover', vim.lsp.util.make_position_params(0, client.offset_encoding))
  seen.hover = hover and (hover.contents.value or hover.contents)

  local params = vim.lsp.util.make_range_params(0, client.offset_encoding)
  params.context = { diagnostics = vim.lsp.diagnostic.get_line_diagnostics(0, at.line) }
  seen.actions = {}
  for _, action in ipairs(ask('textDocument/codeAction', params)) do
    table.insert(seen.actions, action.title)
    if action.title == 'Suppress ' .. off .. ' on this line, with a reason' then
      -- Its edit is only made when it is chosen, for a client that can ask for it then.
      vim.lsp.util.apply_workspace_edit(action.edit or ask('codeAction/resolve', action).edit, client.offset_encoding)
    end
  end
  seen.suppressed = vim.api.nvim_buf_get_lines(0, at.line, at.line + 1, false)[1]
  wait('no diagnostic where an ignore comment stands', function() return find(off) == nil end)

  client.stop()
  wait('the end of the server', function() return client.is_stopped() end)
end

local ok, why = xpcall(main, debug.traceback)
if not ok then seen.error = why end
vim.fn.writefile({ vim.fn.json_encode(seen) }, vim.env.ATTEST_SEEN)
vim.cmd('qall!')
