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

/** The answer to `signed-urls` and to `heartbeat`, as far as it is needed here. */
class Grant(
    val videoUrl: String,
    val isHls: Boolean,
    val query: Map<String, String>,
    val refreshAt: Long,
    val expiresAt: Long,
    val expiresIn: Long,
)

/** `heartbeat` posts to `/users/{u}/sessions/{sessionId}/heartbeat`, waits, and throws an IOException if Tollgate refuses. */
class Playback(first: Grant, private val heartbeat: () -> Grant) {
    private var grant = first
    private var due = dueOf(first)

    /** The newest grant. Call it from a timer as well: a paused player asks for nothing, and its lease must live on. */
    @Synchronized
    fun fresh(): Grant {
        if (SystemClock.elapsedRealtime() >= due) {
            grant = heartbeat()
            due = dueOf(grant)
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
    private fun dueOf(grant: Grant) =
        SystemClock.elapsedRealtime() + (grant.refreshAt - (grant.expiresAt - grant.expiresIn)) * 1000
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
    player.setMediaItem(item.build())
    player.prepare()
    player.play()
    return player
}
