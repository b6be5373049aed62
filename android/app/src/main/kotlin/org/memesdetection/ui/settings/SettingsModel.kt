package org.memesdetection.ui.settings

import android.os.Bundle
import org.memesdetection.App
import org.memesdetection.background.Background
import org.memesdetection.background.Notifications
import org.memesdetection.gallery.Access
import org.memesdetection.gallery.Permissions
import org.memesdetection.gallery.isBelow
import org.memesdetection.model.MemesError
import org.memesdetection.server.Server
import org.memesdetection.server.ServerAddress
import org.memesdetection.server.ServerError
import org.memesdetection.ui.State
import org.memesdetection.ui.ViewModel

/** Reads and changes the settings; each change holds at once. */
class SettingsModel(app: App) : ViewModel(app) {
    private val settings = app.settings
    private val mayLook get() = Permissions.access(app) != Access.NONE

    val state = State(
        SettingsState(
            settings.strictness,
            settings.folders,
            settings.backgroundCheck,
            settings.everyMinutes,
            settings.onlyCharging,
            settings.language,
            settings.theme,
            Notifications.allowed(app),
            mayLook,
        ),
    )

    /** What stands in the fields, which is not always what is kept. */
    var address = settings.serverAddress
    var key = settings.serverKey

    init {
        work(droppable = true) {
            val steps = app.card.strictness
            state.update { it.copy(strictnesses = steps) }
        }
    }

    fun strictness(name: String) {
        settings.strictness = name
        state.update { it.copy(strictness = name) }
    }

    /** Find out which folders the user can choose from. */
    fun askForFolders() = work(droppable = true) {
        val there = app.gallery.folders()
        val now = settings.folders ?: app.gallery.usual()
        val chosen = there.map { it.path }
            .filterTo(HashSet()) { path -> now == null || now.any { path.isBelow(it) } }
        state.update { it.copy(choosable = Choice(there, chosen)) }
    }

    /** The user chose these of the folders; null for the usual ones. */
    fun folders(chosen: Set<String>?) {
        val all = state.value.choosable?.folders.orEmpty().mapTo(HashSet()) { it.path }
        // Of all there are the topmost are enough, and take in what comes later.
        val kept = if (chosen ==
            all
        ) {
            all.mapTo(HashSet()) { it.substringBefore('/') + "/" }
        } else {
            chosen
        }
        settings.folders = kept
        state.update { it.copy(folders = kept, choosable = null) }
    }

    fun keepFolders() = state.update { it.copy(choosable = null) }

    fun backgroundCheck(on: Boolean) {
        settings.backgroundCheck = on
        state.update { it.copy(backgroundCheck = on) }
        schedule()
    }

    fun every(minutes: Int) {
        settings.everyMinutes = minutes
        state.update { it.copy(everyMinutes = minutes) }
        schedule()
    }

    fun onlyCharging(only: Boolean) {
        settings.onlyCharging = only
        state.update { it.copy(onlyCharging = only) }
        schedule()
    }

    /** See again what the user may have changed in the system's settings. */
    fun refresh() = state.update {
        it.copy(
            mayNotify = Notifications.allowed(app),
            mayLook = mayLook,
            language = settings.language,
        )
    }

    private fun schedule() = work { Background.schedule(app, settings) }

    /** Take address and key as they stand in the fields, if they can be ones. */
    fun takeServer(): Boolean {
        val addressError = trying {
            // An empty address is a choice, too.
            settings.serverAddress =
                if (address.isBlank()) "" else ServerAddress.of(address).toString()
        }
        val keyError = trying { settings.serverKey = Server.checkedKey(key) }
        state.update { it.copy(addressError = addressError, keyError = keyError) }
        return addressError == null && keyError == null
    }

    private fun trying(action: () -> Unit): MemesError? = try {
        action()
        null
    } catch (error: ServerError) {
        error
    }

    /** Whether the server is there and knows the key. */
    fun test() {
        if (state.value.test == Test.Asking) return
        state.update { it.copy(test = Test.None) }
        if (!takeServer()) return
        state.update { it.copy(test = Test.Asking) }
        app.executors.network.execute {
            val outcome = try {
                Test.Answered(Server(settings.serverAddress, settings.serverKey).use { it.test() })
            } catch (error: MemesError) {
                Test.Failed(error)
            }
            state.update { it.copy(test = outcome) }
        }
    }

    fun language(tag: String) {
        settings.language = tag
        state.update { it.copy(language = tag) }
    }

    fun theme(name: String) {
        settings.theme = name
        state.update { it.copy(theme = name) }
    }

    override fun save(state: Bundle) {
        super.save(state)
        takeServer()
    }
}
