package org.memesdetection.ui.check

import org.memesdetection.R

/** Where pictures are judged. */
enum class Where(val label: Int, val line: Int) {
    PHONE(R.string.check_on_phone, R.string.check_on_phone_line),
    SERVER(R.string.check_on_server, R.string.check_on_server_line),
}
