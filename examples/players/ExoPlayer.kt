// ExoPlayer of media3: a ResolvingDataSource does the same, and renews first where the time for that has come.
package example.tollgate

import android.content.Context
import android.net.Uri
import android.os.SystemClock
import androidx.annotation.OptIn
import androidx.media3.common.MediaItem
import androidx.media3.common.MimeTypes
import androidx.media3.common.util.UnstableApi
import androidx.media3.datasource.DefaultHttpDataSource
import androidx.media3.datasource.ResolvingDataSource
import androidx.media3.exoplayer.ExoPlayer
import androidx.media3.exoplayer.source.DefaultMediaSourceFactory
import java.io.IOException

/** The answer to `signed-urls` and to `heartbeat`, as far as it is needed here. */
class Grant(
    val videoUrl: String,
    val dashUrl: String?,
    val isHls: Boolean,
    val query: Map<String, String>,
    val refreshAt: Long,
    val expiresAt: Long,
    val expiresIn: Long,
)

/** Tollgate said no: a status below 500, and what its `application/problem+json` has for `type` and `detail`. */
class Refused(val status: Int, val type: String, detail: String) : IOException(detail)

/**
 * `heartbeat` posts to `/users/{u}/sessions/{sessionId}/heartbeat` and waits. It throws [Refused] if Tollgate refuses, and
 * any other IOException if there is no answer or a status of 500 and above. A refusal with `otherDevice` it answers
 * itself, once in a row: it frees the old lease, claims another and returns that grant.
 */
class Playback(first: Grant, private val heartbeat: () -> Grant) {
    private var grant = first
    private var due = at(first, first.refreshAt)
    private var end = at(first, first.expiresAt)

    /** The newest grant. Call it from a timer as well: a paused player asks for nothing, and its lease must live on. */
    @Synchronized
    fun fresh(): Grant {
        if (SystemClock.elapsedRealtime() < due) return grant
        try {
            grant = heartbeat()
            due = at(grant, grant.refreshAt)
            end = at(grant, grant.expiresAt)
        } catch (refused: Refused) {
            throw refused
        } catch (silence: IOException) {
            // One lost heartbeat does no harm while the signature holds.
            if (SystemClock.elapsedRealtime() >= end) throw silence
            due = SystemClock.elapsedRealtime() + 2000
        }
        return grant
    }

    /** `url` with the newest signature if it lies in the directory that was signed; any other as it is. */
    fun sign(url: String): String {
        val (videoUrl, query) = fresh().run { videoUrl to query }
        val directory = videoUrl.substringBefore('?').substringBeforeLast('/') + "/"
        if (query.isEmpty() || !url.startsWith(directory)) return url
        val kept = url.substringAfter('?', "").split('&').filter { it.isNotEmpty() && it.substringBefore('=') !in query }
        val signature = query.map { (name, value) -> "$name=$value" }
        return url.substringBefore('?') + "?" + (kept + signature).joinToString("&")
    }

    // Counted from the gateway's clock, because a viewer's may be wrong.
    private fun at(grant: Grant, time: Long) =
        SystemClock.elapsedRealtime() + (time - (grant.expiresAt - grant.expiresIn)) * 1000
}

@OptIn(UnstableApi::class)
fun play(context: Context, playback: Playback): ExoPlayer {
    // A resolver may wait; it runs on a thread that loads.
    val sources = ResolvingDataSource.Factory(DefaultHttpDataSource.Factory()) { request ->
        request.withUri(Uri.parse(playback.sign(request.uri.toString())))
    }
    val player = ExoPlayer.Builder(context)
        .setMediaSourceFactory(DefaultMediaSourceFactory(context).setDataSourceFactory(sources))
        .build()
    val grant = playback.fresh()
    val item = MediaItem.Builder().setUri(grant.videoUrl)
    if (grant.isHls) item.setMimeType(MimeTypes.APPLICATION_M3U8)
    if (grant.videoUrl == grant.dashUrl) item.setMimeType(MimeTypes.APPLICATION_MPD)
    player.setMediaItem(item.build())
    player.prepare()
    player.play()
    return player
}
